/** Sources that the sample's stand-ins serve beside Drive. Of its own, since commands that only ask load it. */
export const servedNames = ['http-mirror', 'huggingface'] as const;
