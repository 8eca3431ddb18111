using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Millrace.Sqlite.Driver;

/// <summary>Makes SQLite sleep for the requested microseconds.</summary>
/// <remarks>
/// When a connection starts to read while others change the marks of the write-ahead log, SQLite retries after a
/// microsecond. If the library was built without microsecond sleep, as the package's library is, the retry takes
/// a second and delays a commit as well. SQLite allows a program to replace the sleep function, which is a field of the
/// structure that describes the operating system (<see href="https://www.sqlite.org/c3ref/vfs.html">sqlite3_vfs</see>).
/// </remarks>
internal static unsafe class ShortSleep
{
    private const int MicrosecondsPerMillisecond = 1_000;

    // The fields after three ints, all pointers: pNext, zName, pAppData, xOpen, xDelete, xAccess, xFullPathname, the
    // four for libraries, xRandomness.
    private const int FieldsBeforeSleep = 12;

    private static readonly ManualResetEventSlim Never = new(initialState: false, spinCount: 0);

    /// <summary>Replaces the function in the default VFS, which all connections use.</summary>
    public static void Install()
    {
        var system = NativeMethods.sqlite3_vfs_find(null);
        if (system is null)
            return; // Without a VFS, the library cannot open files.
        var pointers = (nint*)(system + ((3 * sizeof(int) + sizeof(nint) - 1) / sizeof(nint) * sizeof(nint)));
        pointers[FieldsBeforeSleep] = (nint)(delegate* unmanaged[Cdecl]<nint, int, int>)&Sleep;
    }

    /// <summary>Called by SQLite; returns the time slept, in microseconds.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Sleep(nint system, int microseconds)
    {
        if (microseconds >= MicrosecondsPerMillisecond)
        {
            SleepMilliseconds((microseconds + MicrosecondsPerMillisecond - 1) / MicrosecondsPerMillisecond);
            return microseconds;
        }
        var begin = Stopwatch.GetTimestamp();
        do
            Thread.Yield();
        while (Stopwatch.GetElapsedTime(begin).TotalMicroseconds < microseconds);
        return microseconds;
    }

    private static void SleepMilliseconds(int milliseconds)
    {
        try
        {
            Never.Wait(milliseconds, CancellationToken.None);
        }
        catch (ThreadInterruptedException)
        {
            // An exception must not pass through SQLite: it would end the process. SQLite sleeps again if necessary.
        }
    }
}
