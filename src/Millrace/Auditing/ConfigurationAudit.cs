using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Millrace.Events;
using Millrace.Storage;

namespace Millrace.Auditing;

/// <summary>
/// Records the settings that matter for trust when they differ from the last recorded ones. The stream
/// <c>$configuration</c> has all settings, and the entry of the audit trail in the same commit has the changes.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="settings">The settings by name, without secrets.</param>
internal sealed class ConfigurationAudit(EventStore store, IReadOnlyDictionary<string, string> settings)
{
    public const string Action = "configuration.changed";

    /// <summary>The maximum number of changes in an entry. The event in the stream has all settings.</summary>
    public const int MaxChanges = 200;

    private const int MaxAttempts = 10;
    private const string Resource = "settings";

    /// <summary>Gets the stream of the settings.</summary>
    public static StreamId Stream { get; } = new("$configuration");

    /// <summary>Records the settings, unless the last recorded ones are the same.</summary>
    /// <exception cref="VersionConflictException">Other nodes recorded settings at the same time.</exception>
    public async Task Record(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (last, version) = await ReadLast(cancellationToken).ConfigureAwait(false);
            var changes = ChangesOf(last, settings);
            if (last is not null && changes.Count == 0)
                return;
            var request = new AppendRequest().ToReserved(
                Stream,
                ExpectedVersion.AsRead(version),
                NewEvent.FromBytes(PlatformEvents.ConfigurationRecorded, Write(settings)));
            AuditTrail.AddTo(request, EntryOf(changes, isFirst: last is null));
            try
            {
                await store.Append(request, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (VersionConflictException) when (attempt < MaxAttempts)
            {
                // Another node started at the same time.
            }
        }
    }

    /// <summary>Returns the changes from one group of settings to another, in the order of names.</summary>
    public static IReadOnlyList<AuditChange> ChangesOf(
        IReadOnlyDictionary<string, string>? before, IReadOnlyDictionary<string, string> after)
    {
        var names = (before?.Keys ?? []).Union(after.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal);
        return
        [
            .. names
                .Select(name => new AuditChange(name, before?.GetValueOrDefault(name), after.GetValueOrDefault(name)))
                .Where(change => change.Before != change.After),
        ];
    }

    private static AuditEntry EntryOf(IReadOnlyList<AuditChange> changes, bool isFirst) =>
        new(Action, Resource, AuditResult.Succeeded)
        {
            Reason = string.Create(
                CultureInfo.InvariantCulture,
                $"{changes.Count} {(isFirst ? "settings, recorded for the first time" : "changes")}"),
            Changes = [.. changes.Take(MaxChanges)],
        };

    private async Task<(IReadOnlyDictionary<string, string>? Settings, long Version)> ReadLast(
        CancellationToken cancellationToken)
    {
        var query = new StreamPageQuery(Stream, long.MaxValue, IsBackwards: true, Limit: 1);
        var page = await store.Storage.Log.ReadStream(query, cancellationToken).ConfigureAwait(false);
        return page.Events is [var recorded] ? (Read(recorded.Payload), recorded.Version) : (null, 0);
    }

    private static byte[] Write(IReadOnlyDictionary<string, string> settings)
    {
        var buffer = new ArrayBufferWriter<byte>(1_024);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in settings.OrderBy(static setting => setting.Key, StringComparer.Ordinal))
                writer.WriteString(name, value);
            writer.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads recorded settings; null if they were manipulated, so that all are recorded again.</summary>
    private static Dictionary<string, string>? Read(ReadOnlyMemory<byte> payload)
    {
        try
        {
            using var json = JsonDocument.Parse(payload);
            var settings = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var property in json.RootElement.EnumerateObject())
                settings[property.Name] = property.Value.GetString() ?? "";
            return settings;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
