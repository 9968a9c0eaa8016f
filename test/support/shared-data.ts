import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The folder of real footage, models and labelled images beside the checkout; not part of the repository. */
export const SHARED_DATA = join(import.meta.dirname, '../../../shared/data');

/** For `{ skip }` of a test that needs it: false where it is there, else what is missing. */
export const withoutSharedData: false | string = existsSync(SHARED_DATA) ? false : `needs real footage in ${SHARED_DATA}, which is absent`;
