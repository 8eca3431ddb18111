using System.Buffers;
using SQLitePCL;

namespace Millrace.Sqlite.Driver;

/// <summary>A prepared statement. Used by one thread at a time, bound for each run and reset after it.</summary>
internal sealed unsafe class Statement(Connection connection, sqlite3_stmt handle) : IDisposable
{
    private const int StackBytes = 512;

    // Valid until Dispose; the safe handle keeps it open.
    private readonly nint _native = handle.DangerousGetHandle();

    /// <summary>The connection's use count when the statement was last requested.</summary>
    public long LastUse { get; set; }

    public int ParameterCount { get; } = raw.sqlite3_bind_parameter_count(handle);

    public bool IsBusy => raw.sqlite3_stmt_busy(handle) != 0;

    public Statement Bind(int index, long value)
    {
        Check(NativeMethods.sqlite3_bind_int64(_native, index, value));
        return this;
    }

    public Statement Bind(int index, double value)
    {
        Check(NativeMethods.sqlite3_bind_double(_native, index, value));
        return this;
    }

    public Statement BindNull(int index)
    {
        Check(NativeMethods.sqlite3_bind_null(_native, index));
        return this;
    }

    /// <summary>Binds bytes; SQLite copies them.</summary>
    public Statement Bind(int index, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* pinned = bytes) // Null for an empty span, which would bind NULL.
        {
            Check(bytes.IsEmpty
                ? NativeMethods.sqlite3_bind_zeroblob(_native, index, 0)
                : NativeMethods.sqlite3_bind_blob(_native, index, pinned, bytes.Length, NativeMethods.Copied));
        }
        return this;
    }

    /// <summary>Binds an id in the byte order in which version 7 ids increase.</summary>
    public Statement Bind(int index, Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return Bind(index, bytes);
    }

    public Statement Bind(int index, Guid? id) => id is { } value ? Bind(index, value) : BindNull(index);

    /// <summary>Binds text that is already encoded.</summary>
    public Statement BindText(int index, ReadOnlySpan<byte> utf8)
    {
        byte none = 0;
        fixed (byte* pinned = utf8)
            Check(
                NativeMethods.sqlite3_bind_text(
                    _native, index, utf8.IsEmpty ? &none : pinned, utf8.Length, NativeMethods.Copied));
        return this;
    }

    public Statement Bind(int index, string? text)
    {
        if (text is null)
            return BindNull(index);
        var maxBytes = Utf8Text.MaxBytes(text.Length);
        var rented = maxBytes > StackBytes ? ArrayPool<byte>.Shared.Rent(maxBytes) : null;
        Span<byte> bytes = rented ?? stackalloc byte[StackBytes];
        BindText(index, bytes[..Utf8Text.Encode(text, bytes)]);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
        return this;
    }

    /// <summary>Moves to the next row. Returns false if there is none.</summary>
    public bool Step()
    {
        var code = NativeMethods.sqlite3_step(_native);
        if (code == raw.SQLITE_ROW)
            return true;
        if (code == raw.SQLITE_DONE)
            return false;
        var failure = connection.Failure(code);
        Reset();
        throw failure;
    }

    /// <summary>Runs a statement that returns no rows, or whose rows are not needed.</summary>
    public void Run()
    {
        while (Step())
        {
        }
        Reset();
    }

    /// <summary>
    /// Runs the statement, and returns the first column of its first row, or <paramref name="otherwise"/> if there is
    /// no row or it is null.
    /// </summary>
    public long Scalar(long otherwise = 0)
    {
        var value = Step() && !IsNull(0) ? GetInt64(0) : otherwise;
        Reset();
        return value;
    }

    /// <summary>Returns a counter of the statement, and sets it to 0.</summary>
    public long TakeCounter(int counter) => raw.sqlite3_stmt_status(handle, counter, resetFlg: 1);

    /// <summary>Ends the run. <see cref="Step"/> has already reported any failure.</summary>
    public void Reset() => _ = NativeMethods.sqlite3_reset(_native);

    /// <summary>Releases large bound values.</summary>
    public void ClearBindings() => _ = raw.sqlite3_clear_bindings(handle);

    public bool IsNull(int column) => NativeMethods.sqlite3_column_type(_native, column) == raw.SQLITE_NULL;

    public bool IsInteger(int column) => NativeMethods.sqlite3_column_type(_native, column) == raw.SQLITE_INTEGER;

    public bool IsText(int column) => NativeMethods.sqlite3_column_type(_native, column) == raw.SQLITE_TEXT;

    public bool IsReal(int column) => NativeMethods.sqlite3_column_type(_native, column) == raw.SQLITE_FLOAT;

    /// <summary>Reads an integer; 0 for null.</summary>
    public long GetInt64(int column) => NativeMethods.sqlite3_column_int64(_native, column);

    public double GetDouble(int column) => NativeMethods.sqlite3_column_double(_native, column);

    /// <summary>Reads bytes, which are valid until the next step; empty for null.</summary>
    public ReadOnlySpan<byte> GetBytes(int column)
    {
        var bytes = NativeMethods.sqlite3_column_blob(_native, column);
        return bytes is null ? [] : new ReadOnlySpan<byte>(bytes, NativeMethods.sqlite3_column_bytes(_native, column));
    }

    public string GetText(int column) => Utf8Text.Decode(GetBytes(column));

    /// <summary>Returns true if a column that is not null contains this text, whatever its length.</summary>
    public bool HoldsText(int column, string text)
    {
        if (Utf8Text.MaxBytes(text.Length) > StackBytes)
            return GetText(column) == text;
        Span<byte> bytes = stackalloc byte[StackBytes];
        return GetBytes(column).SequenceEqual(bytes[..Utf8Text.Encode(text, bytes)]);
    }

    public string? FindText(int column) => IsNull(column) ? null : GetText(column);

    public long? FindInt64(int column) => IsNull(column) ? null : GetInt64(column);

    public Guid GetGuid(int column) => FindGuid(column) ?? throw connection.Damaged("an id that is not 16 bytes long");

    public Guid? FindGuid(int column)
    {
        var bytes = GetBytes(column);
        return bytes.Length == 16 ? new Guid(bytes, bigEndian: true) : null;
    }

    public void Dispose() => handle.Dispose();

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK)
            throw connection.Failure(code);
    }
}
