using System.Text.Json;

namespace Millrace.Orleans.Calls;

/// <summary>Reads a command that <see cref="CommandWriter"/> wrote.</summary>
internal static class CommandReader
{
    /// <summary>
    /// Reads a command. Returns null if this build of the application does not have the command, or may have it or its
    /// answer with other members. The sender then handles it.
    /// </summary>
    public static ReceivedCommand? TryRead(byte[] written, ModelCatalog model)
    {
        try
        {
            return Read(written, model);
        }
#pragma warning disable CA1031 // Nothing was done yet, and the sender can handle each command.
        catch (Exception)
#pragma warning restore CA1031
        {
            return null; // A call of another version.
        }
    }

    private static ReceivedCommand? Read(byte[] written, ModelCatalog model)
    {
        using var json = JsonDocument.Parse(written);
        var call = json.RootElement;
        if (call.GetProperty(CallNames.Format).GetInt32() != CallNames.CurrentFormat
            || model.FindCommand(call.Required(CallNames.Name)) is not { } definition
            || call.Text(CallNames.Build) != CommandWriter.BuildOf(definition)
            || TryReadBody(definition, call.GetProperty(CallNames.Body), model) is not { } command)
            return null;
        return new ReceivedCommand(definition, command, SendOptionsFormat.Read(call))
        {
            Store = call.Required(CallNames.Store),
            RequestUser = call.Find(CallNames.RequestUser) is { } user
                ? UserFormat.Read(user.GetBytesFromBase64())
                : null,
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
        return JsonSerializer.Deserialize(body, info) is { } command
            && JsonElement.DeepEquals(JsonSerializer.SerializeToElement(command, info), body)
            ? command
            : null;
    }
}
