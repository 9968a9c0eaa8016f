import { existsSync } from 'node:fs';

/** The software Vulkan driver that comes with Chromium. */
const DRIVER = '/usr/lib/chromium/vk_swiftshader_icd.json';

/** For `{ skip }` of a test that needs it: false where it is there, else what is missing. */
export const withoutSoftwareVulkan: false | string = existsSync(DRIVER) ? false : `needs the software Vulkan driver of Chromium at ${DRIVER}, which is absent`;

/** Has this process, and those that it starts from now on, know no Vulkan driver but that one. */
export function useSoftwareVulkan(): void {
  process.env['VK_DRIVER_FILES'] = DRIVER;
}
