using SQLitePCL;

namespace Millrace.Sqlite.Driver;

/// <summary>Reads bytes of a file through SQLite's own file handle.</summary>
/// <remarks>
/// The file must not be opened separately: when a process closes any handle to a file, POSIX releases all locks of the
/// process on it. Another program could then remove a write-ahead log that is in use.
/// </remarks>
internal static unsafe class FileHeader
{
    private const int FilePointer = 7; // SQLITE_FCNTL_FILE_POINTER
    private const int ShortRead = 522; // SQLITE_IOERR_SHORT_READ
    // The index in sqlite3_io_methods: version, close, read, write, truncate, sync, file size.
    private const int ReadMethod = 2;
    private const int SizeMethod = 6;

    /// <summary>Reads bytes without interpreting them and without a lock.</summary>
    /// <returns>The result code and the number of bytes.</returns>
    public static (int Code, int Length) Read(nint connection, Span<byte> header, long offset = 0)
    {
        nint* file = null;
        fixed (byte* main = "main\0"u8)
        {
            var code = NativeMethods.sqlite3_file_control(connection, main, FilePointer, &file);
            if (code != raw.SQLITE_OK || file is null || *file == 0)
                return (code, 0);
        }
        var methods = (nint*)*file;
        long size;
        var found = ((delegate* unmanaged[Cdecl]<nint*, long*, int>)methods[SizeMethod])(file, &size);
        if (found != raw.SQLITE_OK)
            return (found, 0);
        var length = (int)Math.Clamp(size - offset, 0, header.Length);
        if (length == 0)
            return (raw.SQLITE_OK, 0);
        fixed (byte* bytes = header)
        {
            var read = ((delegate* unmanaged[Cdecl]<nint*, byte*, int, long, int>)methods[ReadMethod])(
                file, bytes, length, offset);
            return read == ShortRead ? (raw.SQLITE_OK, 0) : (read, length);
        }
    }
}
