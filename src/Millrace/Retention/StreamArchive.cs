using System.IO.Compression;
using System.Security.Cryptography;
using Millrace.Erasing;
using Millrace.Shared.CloudEvents;
using Millrace.Shared.Files;

namespace Millrace.Retention;

/// <summary>
/// Writes events to a compressed file with one CloudEvent a line, which <c>millrace import</c> reads. Values remain
/// encrypted, so that the erasure of a person also erases them in the files.
/// </summary>
internal sealed class StreamArchive(ErasureScope scope, string? directory)
{
    private const string Partial = ".partial";
    private const int MaxFilesOfRun = 1_000_000;

    /// <summary>Writes the events that are removed from the streams, and reads the file back.</summary>
    /// <exception cref="RetentionRefusedException">The file cannot be written, or its content differs.</exception>
    public async Task<RetentionArchive> Write(
        string id, string policy, IReadOnlyList<StreamVerdict> batch, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(directory))
            throw new RetentionRefusedException(
                policy, "there is no archive directory, so that nothing was removed. Set ArchiveDirectory, or "
                    + "--archive of the tool.");
        FileStream? file = null;
        try
        {
            CreateDirectory(Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory)));
            file = CreateFile(id);
            RetentionArchive archive;
            await using (file.ConfigureAwait(false))
            {
                var written = await WriteTo(file, policy, batch, cancellationToken).ConfigureAwait(false);
                archive = await ReadBack(file, written, cancellationToken).ConfigureAwait(false)
                    ?? throw new RetentionRefusedException(
                        policy, $"the archive file '{file.Name}' differs when it is read back. It removed nothing.");
            }
            var path = file.Name[..^Partial.Length];
            File.Move(file.Name, path); // A program that was killed before leaves no incomplete file with this name.
            DirectorySync.Run(path);
            return archive with { File = Path.GetFileName(path), Streams = batch.Count };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (file is not null)
                Delete(directory, file.Name);
            throw new RetentionRefusedException(
                policy,
                $"an archive file in '{directory}' cannot be written, so that its events were not removed: "
                    + $"{exception.Message} Make the directory writable, and run the policies again.");
        }
        catch
        {
            if (file is not null)
                Delete(directory, file.Name);
            throw;
        }
    }

    /// <summary>Deletes a file that no event records.</summary>
    public static void Delete(string? directory, string file)
    {
        try
        {
            File.Delete(Path.Combine(directory ?? "", file));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The file remains. No record names it.
        }
    }

    private static async Task<RetentionArchive?> ReadBack(
        FileStream file, (byte[] Hash, long Events) written, CancellationToken cancellationToken)
    {
        using var reader = new FileStream(file.Name, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var hash = await SHA256.HashDataAsync(reader, cancellationToken).ConfigureAwait(false);
        var bytes = reader.Length;
        reader.Position = 0;
        try
        {
            using var content = new GZipStream(reader, CompressionMode.Decompress);
            var read = await SHA256.HashDataAsync(content, cancellationToken).ConfigureAwait(false);
            return read.AsSpan().SequenceEqual(written.Hash)
                ? new RetentionArchive(
                    Path.GetFileName(file.Name), Convert.ToHexStringLower(hash), bytes, 0, written.Events)
                : null;
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    /// <summary>Creates a directory and its missing parents, so that they remain after a loss of power.</summary>
    private static void CreateDirectory(string path)
    {
        if (Path.GetDirectoryName(path) is { } parent && !Directory.Exists(parent))
            CreateDirectory(parent);
        Directory.CreateDirectory(path);
        DirectorySync.Run(path);
    }

    /// <summary>
    /// Creates the first file of the run that does not exist, which only its owner can read. A file is never
    /// overwritten.
    /// </summary>
    private FileStream CreateFile(string id)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.Read,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var prefix = scope.Tenant.Length == 0 ? id : $"{scope.Tenant}-{id}";
        for (var number = 1; number <= MaxFilesOfRun; number++)
        {
            var path = Path.Combine(directory!, $"{prefix}-{number:0000}.jsonl.gz"); // Write checks the directory.
            if (!File.Exists(path) && !File.Exists(path + Partial))
                return new FileStream(path + Partial, options);
        }
        throw new IOException($"The directory contains {MaxFilesOfRun} files of the run.");
    }

    /// <summary>
    /// Writes the events in the order of the log, and returns the hash of the content without compression.
    /// </summary>
    /// <exception cref="RetentionRefusedException">The storage no longer contains all events that are
    /// removed.</exception>
    private async Task<(byte[] Hash, long Events)> WriteTo(
        FileStream file, string policy, IReadOnlyList<StreamVerdict> batch, CancellationToken cancellationToken)
    {
        using var hash = SHA256.Create();
        var events = 0L;
        using (var gzip = new GZipStream(file, CompressionLevel.Optimal, leaveOpen: true))
        using (var hashed = new CryptoStream(gzip, hash, CryptoStreamMode.Write))
        {
            var writer = new CloudEventWriter(hashed);
            if (batch.Count == 1)
            {
                await foreach (var recorded in Read(batch[0], cancellationToken).ConfigureAwait(false))
                {
                    writer.Write(recorded);
                    events++;
                }
                Check(policy, batch[0], events);
            }
            else
            {
                var all = new List<RecordedEvent>();
                foreach (var verdict in batch)
                {
                    var before = all.Count;
                    await foreach (var recorded in Read(verdict, cancellationToken).ConfigureAwait(false))
                        all.Add(recorded);
                    Check(policy, verdict, all.Count - before);
                }
                foreach (var recorded in all.OrderBy(recorded => recorded.Position))
                    writer.Write(recorded);
                events = all.Count;
            }
            await hashed.FlushFinalBlockAsync(cancellationToken).ConfigureAwait(false);
        }
        file.Flush(flushToDisk: true);
        return (hash.Hash!, events); // The final block was written.
    }

    private static void Check(string policy, StreamVerdict verdict, long written)
    {
        if (written != verdict.Part.Events)
            throw new RetentionRefusedException(
                policy,
                $"{written} instead of {verdict.Part.Events} events of stream '{verdict.Name}' could be archived, so "
                    + "that nothing was removed. The stream was changed at the same time. Run the policies again.");
    }

    private async IAsyncEnumerable<RecordedEvent> Read(
        StreamVerdict verdict,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var name = new StreamId(verdict.Name);
        var events = StoredStream.Read(scope, verdict.Stream, verdict.Part.LastVersion, cancellationToken);
        await foreach (var recorded in events.ConfigureAwait(false))
        {
            if (recorded.Type != Events.RetentionEvents.StreamRemoved)
                yield return recorded.In(name);
        }
    }
}
