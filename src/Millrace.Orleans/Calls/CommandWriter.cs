using System.Buffers;
using System.Diagnostics;
using System.Security.Claims;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Millrace.Orleans.Calls;

/// <summary>
/// Writes a command with everything that its handling depends on: the options of its sender, the user, the tenant and
/// the trace context. <see cref="CommandReader"/> reads it.
/// </summary>
internal static class CommandWriter
{
    public static byte[] Write(
        string name, object command, JsonTypeInfo json, SendOptions? options, ClaimsPrincipal? user, TenantId? tenant)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteNumber(CallNames.Format, CallNames.CurrentFormat);
            writer.WriteString(CallNames.Name, name);
            if (tenant is { } known)
                writer.WriteString(CallNames.Tenant, known.Value);
            if (Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity)
            {
                writer.WriteString(CallNames.TraceParent, activity.Id);
                if (activity.TraceStateString is { } state)
                    writer.WriteString(CallNames.TraceState, state);
            }
            if (user is not null)
                writer.WriteBase64String(CallNames.User, UserFormat.Write(user));
            if (options is not null)
                SendOptionsFormat.Write(writer, options);
            writer.WritePropertyName(CallNames.Body);
            JsonSerializer.Serialize(writer, command, json);
            writer.WriteEndObject();
        }
        return buffer.WrittenMemory.ToArray();
    }
}
