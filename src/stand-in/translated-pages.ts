import { page } from './pages.ts';

/** Refusals in another language: their ids, classes, forms and links are those of the English ones. */
export const translatedPages = {
  sorry: page(
    'Leider...',
    '<h1>Es tut uns leid...</h1><p>Von Ihrem Rechner kommen wohl automatische Anfragen.</p><p>Siehe <a href="https://support.google.com/websearch/answer/86640">Hilfe</a>.</p>',
    'de',
  ),
  requestAccess: page(
    'Google Drive - Zugriff verweigert',
    '<div><p>Sie brauchen eine Freigabe.</p><a href="https://accounts.google.com/AccountChooser?continue=x">Konto wechseln</a></div>',
    'de',
  ),
  infected: page(
    'Google Drive - Infizierte Datei',
    '<div class="uc-main"><p class="uc-warning-caption">Diese Datei enth\u00e4lt einen Virus.</p><p>Nur ihr Eigent\u00fcmer bekommt sie.</p></div>',
    'de',
  ),
  notPermitted: page(
    'Google Drive - Zugriff verweigert',
    '<div class="uc-main"><p class="uc-error-caption">Der Eigent\u00fcmer erlaubt keine Downloads.</p><p class="uc-error-subcaption">Fragen Sie ihn.</p></div>',
    'de',
  ),
  login: page(
    'Anmelden - Google Konten',
    '<form id="gaia_loginform" action="https://accounts.google.com/signin" method="post"><input type="email" name="identifier"></form>',
    'de',
  ),
} as const;
