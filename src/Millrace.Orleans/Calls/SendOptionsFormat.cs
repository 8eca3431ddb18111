using System.Text.Json;

namespace Millrace.Orleans.Calls;

/// <summary>Writes and reads the options of a command's sender.</summary>
internal static class SendOptionsFormat
{
    /// <summary>Returns whether all options can be written.</summary>
    public static bool CanWrite(SendOptions? options) =>
        options is null or { IsBoundToNode: false, Metadata: null or { Encryption: null } };

    public static void Write(Utf8JsonWriter writer, SendOptions options)
    {
        if (options.IdempotencyKey is { } key)
            writer.WriteString(CallNames.IdempotencyKey, key);
        if (options.User is { } user)
            writer.WriteBase64String(CallNames.User, UserFormat.Write(user));
        if (options.CommandId is { } id)
            writer.WriteString(CallNames.CommandId, id);
        if (options.CorrelationId is { } correlation)
            writer.WriteString(CallNames.CorrelationId, correlation);
        if (options.CausationId is { } causation)
            writer.WriteString(CallNames.CausationId, causation);
        if (options.Retry is { } retry)
        {
            writer.WriteStartObject(CallNames.Retry);
            writer.WriteNumber(CallNames.MaxRetries, retry.MaxRetries);
            writer.WriteNumber(CallNames.MinDelay, retry.MinDelay.Ticks);
            writer.WriteNumber(CallNames.MaxDelay, retry.MaxDelay.Ticks);
            writer.WriteEndObject();
        }
        if (options.Origin is { } origin)
        {
            writer.WriteStartObject(CallNames.Origin);
            writer.WriteString(CallNames.Address, origin.Address);
            writer.WriteString(CallNames.UserAgent, origin.UserAgent);
            writer.WriteEndObject();
        }
        if (options.Metadata is { } metadata)
        {
            writer.WriteStartObject(CallNames.Metadata);
            MetadataFormat.Write(writer, metadata);
            writer.WriteEndObject();
        }
    }

    public static SendOptions Read(JsonElement call) => new()
    {
        IdempotencyKey = call.Text(CallNames.IdempotencyKey),
        User = call.Find(CallNames.User) is { } user ? UserFormat.Read(user.GetBytesFromBase64()) : null,
        CommandId = call.Find(CallNames.CommandId)?.GetGuid(),
        CorrelationId = call.Find(CallNames.CorrelationId)?.GetGuid(),
        CausationId = call.Find(CallNames.CausationId)?.GetGuid(),
        Retry = call.Find(CallNames.Retry) is { } retry
            ? new ConflictRetry(
                retry.GetProperty(CallNames.MaxRetries).GetInt32(),
                new TimeSpan(retry.GetProperty(CallNames.MinDelay).GetInt64()),
                new TimeSpan(retry.GetProperty(CallNames.MaxDelay).GetInt64()))
            : null,
        Origin = call.Find(CallNames.Origin) is { } origin
            ? new AuditOrigin(origin.Text(CallNames.Address), origin.Text(CallNames.UserAgent))
            : null,
        Metadata = call.Find(CallNames.Metadata) is { } metadata ? MetadataFormat.Read(metadata) : null,
    };
}
