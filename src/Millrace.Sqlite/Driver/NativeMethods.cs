using System.Runtime.InteropServices;

namespace Millrace.Sqlite.Driver;

/// <summary>
/// Direct calls into the native library for each column, parameter and change. The driver's versions count references
/// to a handle on every call, which took a third of the time of reading an event. Also contains functions that the
/// driver lacks.
/// </summary>
/// <remarks>
/// Functions that only read the current row return within nanoseconds, never block and never call back. They therefore
/// suppress the GC transition: each row takes fifteen to twenty such calls.
/// </remarks>
internal static unsafe partial class NativeMethods
{
    public const string Library = "e_sqlite3";

    /// <summary>SQLITE_TRANSIENT: SQLite copies the bound value.</summary>
    public const nint Copied = -1;

    [LibraryImport(Library)]
    internal static partial int sqlite3_busy_handler(
        nint connection, delegate* unmanaged[Cdecl]<nint, int, int> handler, nint state);

    [LibraryImport(Library)]
    internal static partial byte* sqlite3_vfs_find(byte* name);

    [LibraryImport(Library)]
    internal static partial int sqlite3_file_control(nint connection, byte* database, int operation, void* argument);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    internal static partial int sqlite3_changes(nint connection);

    [LibraryImport(Library)]
    internal static partial int sqlite3_step(nint statement);

    [LibraryImport(Library)]
    internal static partial int sqlite3_reset(nint statement);

    [LibraryImport(Library)]
    internal static partial int sqlite3_bind_int64(nint statement, int index, long value);

    [LibraryImport(Library)]
    internal static partial int sqlite3_bind_double(nint statement, int index, double value);

    [LibraryImport(Library)]
    internal static partial int sqlite3_bind_null(nint statement, int index);

    [LibraryImport(Library)]
    internal static partial int sqlite3_bind_zeroblob(nint statement, int index, int bytes);

    [LibraryImport(Library)]
    internal static partial int sqlite3_bind_blob(nint statement, int index, byte* bytes, int length, nint destructor);

    [LibraryImport(Library)]
    internal static partial int sqlite3_bind_text(nint statement, int index, byte* bytes, int length, nint destructor);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    internal static partial long sqlite3_column_int64(nint statement, int column);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    internal static partial double sqlite3_column_double(nint statement, int column);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    internal static partial int sqlite3_column_type(nint statement, int column);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    internal static partial byte* sqlite3_column_blob(nint statement, int column);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    internal static partial int sqlite3_column_bytes(nint statement, int column);
}
