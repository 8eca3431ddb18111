using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Store1Space.Journal;

/// <summary>
/// A file of lines that are on the disk when <see cref="Append"/> returns. Each begins with a sum of its content: what
/// a crash left half written is told from what was written, and cut off; a line that was damaged later is never passed
/// over.
/// </summary>
/// <remarks>Not safe to use from several threads, but for <see cref="CopyTo"/>.</remarks>
internal class JournalFile : IDisposable
{
    private const int SumLength = 16;
    private const int PageBytes = 1 << 20;
    private const byte LineEnd = (byte)'\n';

    private readonly SafeFileHandle _file;

    /// <summary>Opens the file, or begins it. Nobody else can while it is open.</summary>
    /// <exception cref="StorageException">It cannot be opened.</exception>
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
                $"'{Path}' cannot be opened: {exception.Message} One program at a time uses a journal.",
                StorageProblem.Unavailable,
                exception);
        }
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>How many bytes of it are good: where the next line goes.</summary>
    public long Length { get; private set; }

    /// <summary>Reads all lines, and cuts off what a crash left behind the last one.</summary>
    /// <exception cref="StorageException">A line that others stand behind is damaged.</exception>
    public IEnumerable<ReadOnlyMemory<byte>> Read()
    {
        Length = 0;
        var isTorn = false;
        foreach (var line in Lines())
        {
            // Only the last write can be torn: what is written behind it waits until it is on the disk.
            if (isTorn)
                throw new StorageException(
                    $"'{Path}' is damaged at byte {Length}: bring it back from a backup.", StorageProblem.Damaged);
            isTorn = !IsWhole(line.Span);
            if (isTorn)
                continue;
            yield return line[(SumLength + 1)..];
            Length += line.Length + 1;
        }
        Cut();
    }

    /// <summary>Appends a line, which is on the disk afterwards.</summary>
    /// <remarks>Where it throws, the line may be there in part: <see cref="Cut"/> it off.</remarks>
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

    /// <summary>Cuts off what stands behind the last good line.</summary>
    public void Cut()
    {
        if (RandomAccess.GetLength(_file) == Length)
            return;
        RandomAccess.SetLength(_file, Length);
        Flush();
    }

    /// <summary>Copies its first bytes to a new file; lines are only added behind them meanwhile.</summary>
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

    /// <summary>Waits until what was written is on the disk.</summary>
    protected virtual void Flush() => RandomAccess.FlushToDisk(_file);

    /// <summary>The bytes between line ends; those behind the last one are no line.</summary>
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

    /// <summary>Whether a line holds what its sum says.</summary>
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
