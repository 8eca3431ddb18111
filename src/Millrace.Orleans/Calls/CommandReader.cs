using System.Text.Json;

namespace Millrace.Orleans.Calls;

/// <summary>Reads a command that <see cref="CommandWriter"/> wrote.</summary>
internal static class CommandReader
{
    /// <summary>
    /// Reads a command. Returns null if this version of the application does not have the command, or has it with other
    /// members. The sender then handles it.
    /// </summary>
    public static ReceivedCommand? TryRead(byte[] written, ModelCatalog model)
    {
        using var json = JsonDocument.Parse(written);
        var call = json.RootElement;
        if (call.GetProperty(CallNames.Format).GetInt32() != CallNames.CurrentFormat
            || model.FindCommand(call.Required(CallNames.Name)) is not { } definition
            || TryReadBody(definition, call.GetProperty(CallNames.Body), model) is not { } command)
            return null;
        return new ReceivedCommand(definition, command, SendOptionsFormat.Read(call))
        {
            Tenant = call.Text(CallNames.Tenant) is { } tenant ? new TenantId(tenant) : null,
            TraceParent = call.Text(CallNames.TraceParent),
            TraceState = call.Text(CallNames.TraceState),
        };
    }

    /// <summary>
    /// Returns the command if it has exactly the written members. While nodes are upgraded, a command may have members
    /// that this node would ignore.
    /// </summary>
    private static object? TryReadBody(CommandDefinition definition, JsonElement body, ModelCatalog model)
    {
        if (!model.Json.TryGetTypeInfo(definition.CommandType, out var info))
            return null;
        try
        {
            return JsonSerializer.Deserialize(body, info) is { } command
                && JsonElement.DeepEquals(JsonSerializer.SerializeToElement(command, info), body)
                ? command
                : null;
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException or MillraceException)
        {
            return null;
        }
    }
}
