using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Store1Space.Journal;

/// <summary>
/// A file of lines that are on the disk when <see cref="Append"/> returns. Each line starts with a checksum of its
/// content. An incomplete line after a crash is detected and removed. A line that was damaged later is reported as an
/// error.
/// </summary>
/// <remarks>Not thread-safe, except for <see cref="CopyTo"/>.</remarks>
internal class JournalFile : IDisposable
{
    private const int SumLength = 16;
    private const int PageBytes = 1 << 20;
    private const byte LineEnd = (byte)'\n';

    private readonly SafeFileHandle _file;

    /// <summary>Opens or creates the file. No other program can open it at the same time.</summary>
    /// <exception cref="StorageException">The file cannot be opened.</exception>
    public JournalFile(string path)
    {
        Path = System.IO.Path.GetFullPath(path);
        try
        {
            _file = File.OpenHandle(Path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(
                $"'{Path}' cannot be opened: {exception.Message} Only one program at a time can use a journal.",
                StorageProblem.Unavailable,
                exception);
        }
    }

    /// <summary>The path of the file.</summary>
    public string Path { get; }

    /// <summary>The number of valid bytes, after which the next line is written.</summary>
    public long Length { get; private set; }

    /// <summary>Reads all lines, and removes an incomplete last line after a crash.</summary>
    /// <exception cref="StorageException">A line before the last one is damaged.</exception>
    public IEnumerable<ReadOnlyMemory<byte>> Read()
    {
        Length = 0;
        var isTorn = false;
        foreach (var line in Lines())
        {
            // Only the last write can be incomplete, because each write waits until the previous write is on the disk.
            if (isTorn)
                throw new StorageException(
                    $"'{Path}' is damaged at byte {Length}: restore it from a backup.", StorageProblem.Damaged);
            isTorn = !IsWhole(line.Span);
            if (isTorn)
                continue;
            yield return line[(SumLength + 1)..];
            Length += line.Length + 1;
        }
        Cut();
    }

    /// <summary>Appends a line, which is on the disk afterwards.</summary>
    /// <remarks>After an exception, a part of the line may be in the file: <see cref="Cut"/> removes it.</remarks>
    public void Append(ReadOnlySpan<byte> content)
    {
        var line = new byte[SumLength + 1 + content.Length + 1];
        SumOf(content, line);
        line[SumLength] = (byte)' ';
        content.CopyTo(line.AsSpan(SumLength + 1));
        line[^1] = LineEnd;
        RandomAccess.Write(_file, line, Length);
        Flush();
        Length += line.Length;
    }

    /// <summary>Removes the bytes after the last valid line.</summary>
    public void Cut()
    {
        if (RandomAccess.GetLength(_file) == Length)
            return;
        RandomAccess.SetLength(_file, Length);
        Flush();
    }

    /// <summary>Copies the valid bytes to a new file, while further lines may be added.</summary>
    public async Task CopyTo(
        string destination, long length, IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken)
    {
        using var copy = File.OpenHandle(destination, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        var page = new byte[PageBytes];
        for (var done = 0L; done < length;)
        {
            var read = await RandomAccess.ReadAsync(
                _file, page.AsMemory(0, (int)Math.Min(page.Length, length - done)), done, cancellationToken);
            await RandomAccess.WriteAsync(copy, page.AsMemory(0, read), done, cancellationToken);
            done += read;
            progress?.Report(new MaintenanceProgress(done, length, "bytes"));
        }
        RandomAccess.FlushToDisk(copy);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    /// <summary>Waits until the written bytes are on the disk.</summary>
    protected virtual void Flush() => RandomAccess.FlushToDisk(_file);

    /// <summary>Returns the bytes between line ends. Bytes after the last line end are not a line.</summary>
    private IEnumerable<ReadOnlyMemory<byte>> Lines()
    {
        var (page, line) = (new byte[PageBytes], new List<byte>());
        var position = 0L;
        for (int read; (read = RandomAccess.Read(_file, page, position)) > 0; position += read)
        {
            var from = 0;
            for (int end; (end = Array.IndexOf(page, LineEnd, from, read - from)) >= 0; from = end + 1)
            {
                line.AddRange(page.AsSpan(from, end - from));
                yield return line.ToArray();
                line.Clear();
            }
            line.AddRange(page.AsSpan(from, read - from));
        }
    }

    /// <summary>Returns true when the checksum of a line matches its content.</summary>
    private static bool IsWhole(ReadOnlySpan<byte> line)
    {
        if (line.Length <= SumLength)
            return false;
        Span<byte> sum = stackalloc byte[SumLength];
        SumOf(line[(SumLength + 1)..], sum);
        return line[..SumLength].SequenceEqual(sum);
    }

    private static void SumOf(ReadOnlySpan<byte> content, Span<byte> sum)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content, hash);
        Encoding.ASCII.GetBytes(Convert.ToHexStringLower(hash[..(SumLength / 2)]), sum);
    }
}
