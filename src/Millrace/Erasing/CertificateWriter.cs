using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Millrace.Protection;

namespace Millrace.Erasing;

/// <summary>Writes the JSON document of a certificate, with its members in a fixed order.</summary>
/// <param name="options">The options of erasures.</param>
/// <param name="model">The marks.</param>
internal sealed class CertificateWriter(ErasureOptions options, ProtectionModel model)
{
    private const string Complete = "complete";

    private static readonly JsonWriterOptions Format =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Returns the JSON of an erasure whose places were verified.</summary>
    /// <param name="record">The erasure.</param>
    /// <param name="tenant">The tenant; empty for none.</param>
    /// <param name="now">The current time.</param>
    public byte[] Write(ErasureRecord record, string tenant, DateTimeOffset now)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Format))
        {
            writer.WriteStartObject();
            writer.WriteString("document"u8, "certificate of erasure");
            writer.WriteString("result"u8, ResultOf(record));
            writer.WriteString("issuedAt"u8, now.ToUniversalTime());
            writer.WriteNumber("logEpoch"u8, record.VerifiedTo.Epoch);
            writer.WriteNumber("logPosition"u8, record.VerifiedTo.Position);
            WriteRequest(writer, record.Request, tenant);
            WriteSteps(writer, record.Steps);
            WriteTexts(writer, "destroyedKeys", record.KeyIds);
            WritePlaces(writer, "copiesRemoved", record.Copies);
            writer.WriteString("valueSearch"u8, TextOfValueSearch(record.ValueSearch));
            WritePlaces(writer, "verified", record.Verified);
            WriteTexts(writer, "outOfReach", [.. OutOfReach(record, now)]);
            writer.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>
    /// Returns whether the verification searched all values of the subject, and found no remaining data.
    /// </summary>
    public static bool IsComplete(ErasureRecord record) => ResultOf(record) == Complete;

    private static string ResultOf(ErasureRecord record) =>
        record.Verified.Any(place => place.Findings.Count > 0) ? "incomplete"
        : record.ValueSearch == ErasedValues.All ? Complete
        : record.ValueSearch == ErasedValues.Some ? "some-values"
        : "keys-only";

    private static void WriteRequest(Utf8JsonWriter writer, ErasureRequest request, string tenant)
    {
        writer.WriteStartObject("request"u8);
        writer.WriteString("id"u8, request.Id);
        if (tenant.Length > 0)
            writer.WriteString("tenant"u8, tenant);
        writer.WriteString("subject"u8, request.Subject);
        WriteTexts(writer, "kinds", request.Kinds.Count == 0 ? ["all"] : request.Kinds);
        writer.WriteString("reason"u8, request.Reason);
        writer.WriteString("by"u8, request.By);
        if (request.RequestedAt is { } requestedAt)
            writer.WriteString("requestedAt"u8, requestedAt.ToUniversalTime());
        writer.WriteEndObject();
    }

    private static void WriteSteps(Utf8JsonWriter writer, IReadOnlyList<ErasureStep> steps)
    {
        writer.WriteStartArray("steps"u8);
        foreach (var step in steps)
        {
            writer.WriteStartObject();
            writer.WriteString("step"u8, step.Name);
            writer.WriteString("at"u8, step.At.ToUniversalTime());
            if (step.By is not null)
                writer.WriteString("by"u8, step.By);
            writer.WriteNumber("position"u8, step.Position);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static void WritePlaces(Utf8JsonWriter writer, string name, IReadOnlyList<ErasureLocation> places)
    {
        writer.WriteStartArray(name);
        foreach (var place in places)
        {
            writer.WriteStartObject();
            writer.WriteString("place"u8, place.Name);
            writer.WriteString("method"u8, place.Method);
            writer.WriteNumber("rows"u8, place.Rows);
            writer.WriteNumber("matches"u8, place.Matches);
            writer.WriteNumber("changed"u8, place.Changed);
            writer.WriteNumber("commonValues"u8, place.CommonValues);
            WriteTexts(writer, "findings", place.Findings);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static void WriteTexts(Utf8JsonWriter writer, string name, IReadOnlyList<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (var text in texts)
            writer.WriteStringValue(text);
        writer.WriteEndArray();
    }

    private static string TextOfValueSearch(string search) => search switch
    {
        ErasedValues.All => "All values of the subject were read before the keys were destroyed, and searched "
            + "afterwards.",
        ErasedValues.Some => "Some values of the subject were searched. The others were too many, or their keys were "
            + "destroyed before they were read. Copies of the others in any place are not excluded.",
        _ => "Not possible: no value of the subject was known. There are no values, their keys were destroyed "
            + "earlier, or the program was restarted after the keys were destroyed; the values are never stored. Only "
            + "the keys were checked. Copies in documents, snapshots, timers, messages, dead letters and unmarked "
            + "members of events were not searched.",
    };

    private IEnumerable<string> OutOfReach(ErasureRecord record, DateTimeOffset now)
    {
        var destroyedAt = record.Steps.FirstOrDefault(step => step.Name == "keys-destroyed")?.At ?? now;
        yield return options.BackupRetention is { } retention
            ? $"Backups of the store and of the key store from before the erasure: until "
                + $"{(destroyedAt + retention).UtcDateTime:yyyy-MM-dd}."
            : "Backups of the store and of the key store from before the erasure: until they are deleted.";
        yield return "Free pages and write-ahead logs of the databases of the store and of the keys: they may still "
            + "contain removed bytes until they are overwritten.";
        yield return "Messages that were delivered to other systems, and requests or decrypted messages at a broker.";
        yield return "Bodies of large messages outside the store: until they expire.";
        yield return "Unmarked members and texts of refusals in stored answers to commands: until they expire.";
        yield return "Claims on unique values in scopes without protection, or without a type of subject.";
        if (model.Claims.Count > 0 || model.BlindFields.Any)
            yield return "Hashes of indexed and claimed values in backups of the store: their key is not destroyed, "
                + "and shows whether a guessed value is right.";
        yield return "Unmarked members: only copies of the marked values were searched in them. Other personal data in "
            + "them is neither found nor erased.";
        if (model.HasSecrets)
            yield return "Members that are marked as secrets: they belong to no data subject, and keep their key.";
        yield return "Tables of the application itself, including tables of SQL projections.";
        yield return "Logs, traces and exports outside the store.";
        yield return "Segments of an archive of events: unmarked values of removed events remain in them.";
        foreach (var place in options.OutOfReach)
            yield return place;
    }
}
