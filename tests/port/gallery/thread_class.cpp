/* SPDX-License-Identifier: BSD-2-Clause */
/* C++ of about the year 2000, and so C++98: a class around a thread with a static procedure, locks
 * and events as classes, exceptions by pointer, a queue of jobs for the card. */
#include <windows.h>

#include <list>
#include <stdio.h>
#include <string>
#include <winscard.h>

class CCriticalSection
{
  public:
    CCriticalSection()
    {
        ::InitializeCriticalSection(&m_cs);
    }
    ~CCriticalSection()
    {
        ::DeleteCriticalSection(&m_cs);
    }
    void Lock()
    {
        ::EnterCriticalSection(&m_cs);
    }
    BOOL TryLock()
    {
        return ::TryEnterCriticalSection(&m_cs);
    }
    void Unlock()
    {
        ::LeaveCriticalSection(&m_cs);
    }

  private:
    CRITICAL_SECTION m_cs;
};

class CSingleLock
{
  public:
    explicit CSingleLock(CCriticalSection &cs) : m_cs(cs)
    {
        m_cs.Lock();
    }
    ~CSingleLock()
    {
        m_cs.Unlock();
    }

  private:
    CCriticalSection &m_cs;
};

class CHandle
{
  public:
    explicit CHandle(HANDLE hObject = NULL) : m_hObject(hObject)
    {
    }
    ~CHandle()
    {
        if (m_hObject != NULL && m_hObject != INVALID_HANDLE_VALUE)
            ::CloseHandle(m_hObject);
    }
    operator HANDLE() const
    {
        return m_hObject;
    }
    void Attach(HANDLE hObject)
    {
        m_hObject = hObject;
    }

  private:
    HANDLE m_hObject;
};

class CSmartCardException
{
  public:
    CSmartCardException(LPCSTR lpszCall, LONG lError)
        : m_strCall(lpszCall), m_lError(lError)
    {
    }
    void ReportError() const
    {
        char szText[80];
        ::wsprintfA(szText, "%s: %08lX", m_strCall.c_str(), m_lError);
        ::puts(szText);
    }
    void Delete()
    {
        delete this;
    }

  private:
    std::string m_strCall;
    LONG m_lError;
};

static void Check(LPCSTR lpszCall, LONG lError)
{
    if (lError != SCARD_S_SUCCESS)
        throw new CSmartCardException(lpszCall, lError);
}

struct CJob {
    enum Kind { Select, Read, Wrong, Quit };

    CJob(Kind kind, WORD wOffset = 0) : m_kind(kind), m_wOffset(wOffset)
    {
    }

    Kind m_kind;
    WORD m_wOffset;
};

class CCardThread
{
  public:
    CCardThread();
    virtual ~CCardThread();

    void Start();
    void Post(const CJob &job);
    DWORD Join();

  protected:
    virtual BOOL OnJob(const CJob &job);
    virtual void OnAnswer(const BYTE *pbAnswer, DWORD cbAnswer);
    void Transmit(const BYTE *pbCommand, DWORD cbCommand);

  private:
    static DWORD WINAPI ThreadProc(LPVOID lpParameter);
    DWORD Run();
    void Connect();

    CCriticalSection m_csJobs;
    std::list<CJob> m_jobs;
    CHandle m_hSemaphore;
    CHandle m_hThread;
    SCARDCONTEXT m_hContext;
    SCARDHANDLE m_hCard;
    DWORD m_dwDone;
};

CCardThread::CCardThread()
    : m_hSemaphore(::CreateSemaphore(NULL, 0, 100, NULL)), m_hContext(0), m_hCard(0),
      m_dwDone(0)
{
}

CCardThread::~CCardThread()
{
    if (m_hCard)
        ::SCardDisconnect(m_hCard, SCARD_RESET_CARD);
    if (m_hContext)
        ::SCardReleaseContext(m_hContext);
}

void CCardThread::Start()
{
    DWORD dwThreadId = 0;
    m_hThread.Attach(
        ::CreateThread(NULL, 0, ThreadProc, this, CREATE_SUSPENDED, &dwThreadId));
    printf("suspended: %s\n", ::WaitForSingleObject(m_hThread, 20) == WAIT_TIMEOUT
                                  ? "does not run"
                                  : "ended");
    printf("resumed, before %lu\n", ::ResumeThread(m_hThread));
}

void CCardThread::Post(const CJob &job)
{
    {
        CSingleLock lock(m_csJobs);
        m_jobs.push_back(job);
    }
    ::ReleaseSemaphore(m_hSemaphore, 1, NULL);
}

DWORD CCardThread::Join()
{
    DWORD dwExit = STILL_ACTIVE;
    ::WaitForSingleObject(m_hThread, INFINITE);
    ::GetExitCodeThread(m_hThread, &dwExit);
    return dwExit;
}

DWORD WINAPI CCardThread::ThreadProc(LPVOID lpParameter)
{
    return static_cast<CCardThread *>(lpParameter)->Run();
}

void CCardThread::Connect()
{
    char szReader[128];
    DWORD cch = sizeof(szReader), dwProtocol;
    Check("SCardEstablishContext",
          ::SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, &m_hContext));
    Check("SCardListReaders", ::SCardListReadersA(m_hContext, NULL, szReader, &cch));
    Check("SCardConnect", ::SCardConnectA(m_hContext, szReader, SCARD_SHARE_SHARED,
                                          SCARD_PROTOCOL_T1, &m_hCard, &dwProtocol));
}

DWORD CCardThread::Run()
{
    for (BOOL bContinue = TRUE; bContinue;) {
        ::WaitForSingleObject(m_hSemaphore, INFINITE);
        CJob job(CJob::Quit);
        {
            CSingleLock lock(m_csJobs);
            job = m_jobs.front();
            m_jobs.pop_front();
        }
        try {
            if (!m_hCard)
                Connect();
            bContinue = OnJob(job);
            m_dwDone++;
        } catch (CSmartCardException *pException) {
            pException->ReportError();
            pException->Delete();
        }
    }
    return m_dwDone;
}

void CCardThread::Transmit(const BYTE *pbCommand, DWORD cbCommand)
{
    BYTE abAnswer[258];
    DWORD cbAnswer = sizeof(abAnswer);
    Check("SCardTransmit", ::SCardTransmit(m_hCard, SCARD_PCI_T1, pbCommand, cbCommand,
                                           NULL, abAnswer, &cbAnswer));
    OnAnswer(abAnswer, cbAnswer);
}

BOOL CCardThread::OnJob(const CJob &job)
{
    BYTE abSelect[] = {0x00, 0xA4, 0x04, 0x0C, 0x05, 0xF0, 'S', 'O', 'F', 'T'};
    BYTE abRead[] = {0x00, 0xB0, HIBYTE(job.m_wOffset), LOBYTE(job.m_wOffset), 0x08};
    switch (job.m_kind) {
    case CJob::Select:
        Transmit(abSelect, sizeof(abSelect));
        return TRUE;
    case CJob::Read:
        Transmit(abRead, sizeof(abRead));
        return TRUE;
    case CJob::Wrong:
        Transmit(abRead, 1);
        return TRUE;
    default:
        return FALSE;
    }
}

void CCardThread::OnAnswer(const BYTE *pbAnswer, DWORD cbAnswer)
{
    printf("%lu bytes:", cbAnswer);
    for (DWORD i = 0; i < cbAnswer; i++)
        printf(" %02x", pbAnswer[i]);
    printf("\n");
}

class CTextThread : public CCardThread
{
  protected:
    virtual void OnAnswer(const BYTE *pbAnswer, DWORD cbAnswer)
    {
        if (cbAnswer <= 2) {
            CCardThread::OnAnswer(pbAnswer, cbAnswer);
            return;
        }
        std::string strText(reinterpret_cast<const char *>(pbAnswer), cbAnswer - 2);
        printf("text: \"%s\"\n", strText.c_str());
    }
};

static DWORD WINAPI TriesLock(LPVOID lpParameter)
{
    CCriticalSection *pLock = static_cast<CCriticalSection *>(lpParameter);
    if (!pLock->TryLock())
        return 0;
    pLock->Unlock();
    return 1;
}

static DWORD TryElsewhere(CCriticalSection &lock)
{
    DWORD dwExit = 99;
    CHandle hThread(::CreateThread(NULL, 0, TriesLock, &lock, 0, NULL));
    ::WaitForSingleObject(hThread, INFINITE);
    ::GetExitCodeThread(hThread, &dwExit);
    return dwExit;
}

int main()
{
    CCriticalSection lock;
    {
        CSingleLock outer(lock), inner(lock);
        printf("taken by another thread while locked: %lu\n", TryElsewhere(lock));
    }
    printf("and later: %lu\n", TryElsewhere(lock));

    CTextThread thread;
    thread.Start();
    thread.Post(CJob(CJob::Select));
    thread.Post(CJob(CJob::Read, 0x8100));
    thread.Post(CJob(CJob::Wrong));
    thread.Post(CJob(CJob::Read, 0x0020));
    thread.Post(CJob(CJob::Quit));
    printf("jobs done: %lu\n", thread.Join());
    return 0;
}
