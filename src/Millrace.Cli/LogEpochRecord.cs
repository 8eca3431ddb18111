using System.Text.Json;
using Millrace.Cli.Output;
using Millrace.Storage;

namespace Millrace.Cli;

/// <summary>Records the start of a log epoch, with the user and the reason.</summary>
internal static class LogEpochRecord
{
    // The core reserves this event type for Millrace, so applications do not need to define it.
    private const string EpochStarted = "log-epochs.begun";

    private static readonly StreamId EpochStream = new("$log-epochs");

    /// <summary>Appends the record, and returns its position.</summary>
    /// <exception cref="CliException">The record could not be appended.</exception>
    public static async Task<long> Append(
        OpenStore open, LogHead head, string by, string reason, CancellationToken cancellationToken)
    {
        var body = new MemoryStream();
        using (var writer = new Utf8JsonWriter(body, EventJson.WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteNumber("epoch"u8, head.Epoch);
            writer.WriteNumber("behind"u8, head.Position);
            writer.WriteString("by"u8, by);
            writer.WriteString("reason"u8, reason);
            writer.WriteEndObject();
        }
        try
        {
            var recorded = NewEvent.FromBytes(EpochStarted, body.ToArray()) with
            {
                Metadata = new EventMetadata { UserId = by },
            };
            return (await open.Store.Append(EpochStream, ExpectedVersion.Any, [recorded], cancellationToken)).Position;
        }
        catch (MillraceException failure)
        {
            throw new CliException(
                ExitCode.Failed,
                $"Log epoch {head.Epoch} has started, but could not be recorded: {failure.Message}",
                "Do not start another one. Document this one elsewhere.");
        }
    }
}
