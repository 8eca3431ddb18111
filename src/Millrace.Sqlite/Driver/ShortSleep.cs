using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Millrace.Sqlite;

/// <summary>Has SQLite sleep for the microseconds that it asks for.</summary>
/// <remarks>
/// A connection that begins to read while others change the marks of the write-ahead log tries again after a
/// microsecond. Where the library was built without a finer sleep, as that of the package was, the microsecond takes a
/// second, and with it a commit. SQLite lets programs exchange that function: it is a field of the structure that
/// describes the system to it (<see href="https://www.sqlite.org/c3ref/vfs.html">sqlite3_vfs</see>).
/// </remarks>
internal static unsafe class ShortSleep
{
    private const int MicrosecondsPerMillisecond = 1_000;

    // Behind three ints, in pointers: pNext, zName, pAppData, xOpen, xDelete, xAccess, xFullPathname, the four of
    // libraries, xRandomness.
    private const int FieldsBeforeSleep = 12;

    private static readonly ManualResetEventSlim Never = new(initialState: false, spinCount: 0);

    /// <summary>Exchanges the function in the system that connections are opened on by default.</summary>
    public static void Install()
    {
        var system = NativeMethods.sqlite3_vfs_find(null);
        if (system is null)
            return; // A library without one opens no file either.
        var pointers = (nint*)(system + ((3 * sizeof(int) + sizeof(nint) - 1) / sizeof(nint) * sizeof(nint)));
        pointers[FieldsBeforeSleep] = (nint)(delegate* unmanaged[Cdecl]<nint, int, int>)&Sleep;
    }

    /// <summary>Called by SQLite; returns how long it slept, in microseconds.</summary>
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
            // No exception may pass through SQLite: it would end the process. It sleeps again when it has to.
        }
    }
}
