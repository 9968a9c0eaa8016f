import type { Problem } from '../../../src/pipeline/media/info.ts';
import type { Language } from './format.ts';

/** What befalls sources, models and algorithms elsewhere, in the languages that the server does not speak. It says more than these do, but in English. */
const KNOWN: Readonly<Record<Exclude<Language, 'en'>, Readonly<Record<string, string>>>> = {
  'zh-CN': {
    'source-address': '地址无效，或文件不在允许的目录中。',
    'source-invalid': '文件内容无法解析，可能不是视频或已损坏。',
    'source-no-video': '其中没有视频画面。',
    'source-not-found': '找不到该文件。',
    'source-read': '读取视频源时出错。',
    'source-credentials': '视频源拒绝了用户名或密码。',
    'source-certificate': '视频源的证书不受信任。',
    'source-timeout': '视频源长时间没有响应。',
    'source-unsupported': '不支持该视频源的格式。',
    'source-waiting': '正在等待推流。',
    'device-forbidden': '服务器无权打开该设备，请将运行服务器的用户加入 video 组。',
    'process-exited': '该视频流的处理进程意外退出。',
    'process-hung': '该视频流的处理进程没有响应。',
    'model-missing': '找不到模型文件。',
    'model-not-downloaded': '模型尚未下载。',
    'model-downloading': '模型正在下载。',
    'model-unknown': '没有这个模型。',
    'model-broken': '模型无法使用。',
    'endpoint-away': '无法连接到算法服务。',
    'endpoint-timeout': '算法服务没有及时响应。',
    'endpoint-status': '算法服务返回了错误状态。',
    'endpoint-answer': '算法服务的响应无法使用。',
  },
};

/** A problem in words for somebody who reads this language. */
export function problemText(language: Language, { code, message }: Problem): string {
  return (language === 'en' ? undefined : KNOWN[language][code]) ?? message;
}
