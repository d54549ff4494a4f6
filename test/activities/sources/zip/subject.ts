import { archiveSubject } from '../archive/archive-subject.ts';

export const setUp = archiveSubject('zip');
