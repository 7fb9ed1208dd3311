/* SPDX-License-Identifier: BSD-2-Clause */
/* A program of the 1990s: Hungarian names, FAR and PASCAL, text by lstrcpy and wsprintf,
 * memory by LocalAlloc and GlobalAlloc, one way out by goto. */
/* clang-format off */
#include <windows.h>
#include <winscard.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CB_BUFFER   264
#define CB_LINE     ( 3 * 16 + 1 )
#define SW_OK       0x9000

typedef struct tagREADER {
    char     szName[ 64 ];
    BOOL     fCard;
    DWORD    dwState;
    struct tagREADER FAR *lpNext;
} READER, FAR *LPREADER;

typedef BOOL (FAR PASCAL *READERPROC)( LPREADER lpReader, LPVOID lpParam );

BOOL FAR PASCAL ShowReader( LPREADER lpReader, LPVOID lpParam );
LPREADER FAR PASCAL MakeReaderList( SCARDCONTEXT hContext );
VOID FAR PASCAL FreeReaderList( LPREADER lpFirst );
int  FAR PASCAL ForEachReader( LPREADER lpFirst, READERPROC lpfn, LPVOID lpParam );
WORD FAR PASCAL SendApdu( SCARDHANDLE hCard, LPBYTE lpbSend, DWORD cbSend,
                          LPBYTE lpbRecv, LPDWORD lpcbRecv );

static char szAppName[] = "OLDSTYLE";
static char szLine[ 256 ];

LPREADER FAR PASCAL MakeReaderList( SCARDCONTEXT hContext )
{
    LPREADER lpFirst = NULL, lpReader;
    LPREADER FAR *lplpEnd = &lpFirst;
    LPSTR    lpszNames = NULL, lpsz;
    DWORD    cb = 0;
    SCARD_READERSTATE rs;
    LONG     lRet;

    lRet = SCardListReaders( hContext, NULL, NULL, &cb );
    if( lRet != SCARD_S_SUCCESS )
        goto Done;
    lpszNames = (LPSTR) LocalAlloc( LPTR, cb );
    if( !lpszNames )
        goto Done;
    lRet = SCardListReaders( hContext, NULL, lpszNames, &cb );
    if( lRet != SCARD_S_SUCCESS )
        goto Done;

    for( lpsz = lpszNames; *lpsz; lpsz += lstrlen( lpsz ) + 1 )
    {
        lpReader = (LPREADER) LocalAlloc( LMEM_FIXED | LMEM_ZEROINIT, sizeof( READER ) );
        if( !lpReader )
            break;
        lstrcpyn( lpReader->szName, lpsz, sizeof( lpReader->szName ) );
        memset( &rs, 0, sizeof( rs ) );
        rs.szReader = lpReader->szName;
        if( SCardGetStatusChange( hContext, 0L, &rs, 1 ) == SCARD_S_SUCCESS )
        {
            lpReader->dwState = rs.dwEventState;
            lpReader->fCard   = ( rs.dwEventState & SCARD_STATE_PRESENT ) ? TRUE : FALSE;
        }
        *lplpEnd = lpReader;
        lplpEnd  = &lpReader->lpNext;
    }

Done:
    if( lpszNames )
        LocalFree( (HLOCAL) lpszNames );
    return lpFirst;
}

VOID FAR PASCAL FreeReaderList( LPREADER lpFirst )
{
    LPREADER lpNext;

    while( lpFirst )
    {
        lpNext = lpFirst->lpNext;
        LocalFree( (HLOCAL) lpFirst );
        lpFirst = lpNext;
    }
}

int FAR PASCAL ForEachReader( LPREADER lpFirst, READERPROC lpfn, LPVOID lpParam )
{
    int n = 0;

    for( ; lpFirst; lpFirst = lpFirst->lpNext )
        if( (*lpfn)( lpFirst, lpParam ) )
            n++;
    return n;
}

BOOL FAR PASCAL ShowReader( LPREADER lpReader, LPVOID lpParam )
{
    LPINT lpnLines = (LPINT) lpParam;

    ++*lpnLines;
    wsprintf( szLine, "%d %-24s %s %c %04X", *lpnLines, lpReader->szName,
              lpReader->fCard ? (LPSTR) "card" : (LPSTR) "no card",
              'A' + *lpnLines - 1, LOWORD( lpReader->dwState ) & SCARD_STATE_PRESENT );
    printf( "%s\n", szLine );
    return lpReader->fCard;
}

WORD FAR PASCAL SendApdu( SCARDHANDLE hCard, LPBYTE lpbSend, DWORD cbSend,
                          LPBYTE lpbRecv, LPDWORD lpcbRecv )
{
    LONG lRet;

    lRet = SCardTransmit( hCard, SCARD_PCI_T0, lpbSend, cbSend, NULL, lpbRecv, lpcbRecv );
    if( lRet != SCARD_S_SUCCESS )
    {
        printf( "%s: SCardTransmit %08lX\n", szAppName, lRet );
        return 0;
    }
    *lpcbRecv -= 2;
    return MAKEWORD( lpbRecv[ *lpcbRecv + 1 ], lpbRecv[ *lpcbRecv ] );
}

static VOID NEAR DumpBytes( LPBYTE lpb, DWORD cb )
{
    char  szDump[ CB_LINE ];
    LPSTR lpsz;
    DWORD i;

    while( cb )
    {
        lpsz = szDump;
        for( i = 0; i < 16 && i < cb; i++ )
            lpsz += wsprintf( lpsz, "%02x ", *lpb++ );
        cb -= i;
        printf( "    %s\n", szDump );
    }
}

static LONG TalkToCard( SCARDCONTEXT hContext, LPSTR lpszReader )
{
    static BYTE rgbSelect[] = { 0x00, 0xA4, 0x04, 0x0C, 0x05, 0xF0, 'S', 'O', 'F', 'T' };
    static BYTE rgbRead[]   = { 0x00, 0xB0, 0x81, 0x00, 0x1A };
    SCARDHANDLE hCard = 0;
    HGLOBAL hMem = NULL;
    LPBYTE  lpb = NULL;
    DWORD   dwProtocol, cb;
    WORD    wSW;
    LONG    lRet;

    lRet = SCardConnect( hContext, lpszReader, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0,
                         &hCard, &dwProtocol );
    if( lRet != SCARD_S_SUCCESS )
    {
        printf( "%s: SCardConnect %08lX\n", szAppName, lRet );
        goto Error;
    }
    if( ( hMem = GlobalAlloc( GMEM_MOVEABLE | GMEM_ZEROINIT, CB_BUFFER ) ) == NULL ||
        ( lpb = (LPBYTE) GlobalLock( hMem ) ) == NULL )
    {
        lRet = SCARD_E_NO_MEMORY;
        goto Error;
    }
    cb = (DWORD) GlobalSize( hMem );
    printf( "buffer: %s\n", cb >= CB_BUFFER ? "large enough" : "too small" );
    wSW = SendApdu( hCard, rgbSelect, sizeof( rgbSelect ), lpb, &cb );
    printf( "SELECT %04X %lu\n", wSW, cb );
    cb = CB_BUFFER;
    wSW = SendApdu( hCard, rgbRead, sizeof( rgbRead ), lpb, &cb );
    printf( "READ   %04X %lu\n", wSW, cb );
    if( wSW == SW_OK )
        DumpBytes( lpb, cb );

Error:
    if( lpb )
        GlobalUnlock( hMem );
    if( hMem )
        GlobalFree( hMem );
    if( hCard )
        SCardDisconnect( hCard, SCARD_LEAVE_CARD );
    return lRet;
}

int main( int argc, char *argv[] )
{
    SCARDCONTEXT hContext;
    LPREADER lpReaders;
    char     szUpper[ 32 ];
    int      nLines = 0, nCards, i;
    LONG     lRet;

    lstrcpy( szUpper, "old" );
    lstrcat( szUpper, "style" );
    CharUpper( szUpper );
    printf( "%s: %s\n", szAppName, lstrcmp( szUpper, szAppName ) ? "differs" : "as it was" );
    printf( "lstrcmpi %d\n", lstrcmpi( "Smart Card", "sMART cARD" ) );
    for( i = 1; i < argc; i++ )
        printf( "argument %d %s\n", i, argv[ i ] );

    lRet = SCardEstablishContext( SCARD_SCOPE_USER, NULL, NULL, &hContext );
    if( lRet != SCARD_S_SUCCESS )
    {
        printf( "%s: SCardEstablishContext %08lX\n", szAppName, lRet );
        return 1;
    }
    lpReaders = MakeReaderList( hContext );
    nCards = ForEachReader( lpReaders, ShowReader, (LPVOID) &nLines );
    wsprintf( szLine, "%i reader(s), %u card(s), %ld%% %lX", nLines, nCards, 100L, 0xBEEFL );
    puts( szLine );
    if( lpReaders )
    {
        lRet = TalkToCard( hContext, lpReaders->szName );
        printf( "%08lX\n", lRet );
    }
    lRet = TalkToCard( hContext, (LPSTR) "COM1" );
    printf( "%08lX\n", lRet );
    FreeReaderList( lpReaders );
    SCardReleaseContext( hContext );
    return 0;
}
