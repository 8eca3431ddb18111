using System.IO.Compression;
using System.Security.Cryptography;
using Millrace.Erasing;
using Millrace.Shared.CloudEvents;

namespace Millrace.Retention;

/// <summary>
/// Writes events to a compressed file with one CloudEvent a line, which <c>millrace import</c> reads. Values remain
/// encrypted, so that the erasure of a person also erases them in the files.
/// </summary>
internal sealed class StreamArchive(ErasureScope scope, string? directory)
{
    private const int MaxFilesOfRun = 1_000_000;

    /// <summary>Writes the events that are removed from the streams, and reads the file back.</summary>
    /// <exception cref="RetentionRefusedException">The file cannot be written, or its content differs.</exception>
    public async Task<RetentionArchive> Write(
        string id, string policy, IReadOnlyList<StreamVerdict> batch, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(directory))
            throw new RetentionRefusedException(
                policy, "there is no archive directory, so that nothing was removed. Set ArchiveDirectory.");
        FileStream? file = null;
        try
        {
            Directory.CreateDirectory(directory);
            file = CreateFile(id);
            await using (file.ConfigureAwait(false))
            {
                var written = await WriteTo(file, batch, cancellationToken).ConfigureAwait(false);
                var archive = await ReadBack(file, written, cancellationToken).ConfigureAwait(false)
                    ?? throw new RetentionRefusedException(
                        policy, $"the archive file '{file.Name}' differs when it is read back. It removed nothing.");
                return archive with { Streams = batch.Count };
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Delete(file);
            throw new RetentionRefusedException(
                policy,
                $"an archive file in '{directory}' cannot be written, so that its events were not removed: "
                    + $"{exception.Message} Make the directory writable, and run the policies again.");
        }
        catch
        {
            Delete(file);
            throw;
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

    private static void Delete(FileStream? file)
    {
        if (file is null)
            return;
        try
        {
            file.Dispose();
            File.Delete(file.Name);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The incomplete file remains. No record names it.
        }
    }

    /// <summary>Creates the first file of the run that does not exist. A file is never overwritten.</summary>
    private FileStream CreateFile(string id)
    {
        var prefix = scope.Tenant.Length == 0 ? id : $"{scope.Tenant}-{id}";
        for (var number = 1; number <= MaxFilesOfRun; number++)
        {
            var path = Path.Combine(directory!, $"{prefix}-{number:0000}.jsonl.gz"); // Write checks the directory.
            if (!File.Exists(path))
                return new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        }
        throw new IOException($"The directory contains {MaxFilesOfRun} files of the run.");
    }

    /// <summary>
    /// Writes the events in the order of the log, and returns the hash of the content without compression.
    /// </summary>
    private async Task<(byte[] Hash, long Events)> WriteTo(
        FileStream file, IReadOnlyList<StreamVerdict> batch, CancellationToken cancellationToken)
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
            }
            else
            {
                var all = new List<RecordedEvent>();
                foreach (var verdict in batch)
                {
                    await foreach (var recorded in Read(verdict, cancellationToken).ConfigureAwait(false))
                        all.Add(recorded);
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

    private async IAsyncEnumerable<RecordedEvent> Read(
        StreamVerdict verdict,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var name = new StreamId(verdict.Name);
        var events = StoredStream.Read(scope, verdict.Stream, cancellationToken);
        await foreach (var recorded in events.ConfigureAwait(false))
        {
            if (recorded.Version <= verdict.Part.LastVersion && recorded.Type != Events.RetentionEvents.StreamRemoved)
                yield return recorded.In(name);
        }
    }
}
