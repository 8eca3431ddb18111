using System.Buffers;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Security.Claims;
using System.Text.Json;

namespace Millrace.Orleans.Calls;

/// <summary>
/// Writes a command with everything that its handling depends on: the store, the options of its sender, the user of the
/// request, the tenant and the trace context. <see cref="CommandReader"/> reads it.
/// </summary>
internal static class CommandWriter
{
    private static readonly ConditionalWeakTable<CommandDefinition, string> Builds = [];

    public static byte[] Write(
        RouteTarget target, string store, object command, SendOptions? options, ClaimsPrincipal? requestUser)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteNumber(CallNames.Format, CallNames.CurrentFormat);
            writer.WriteString(CallNames.Name, target.Definition.Name);
            writer.WriteString(CallNames.Store, store);
            writer.WriteString(CallNames.Build, BuildOf(target.Definition));
            if (target.Tenant is { } known)
                writer.WriteString(CallNames.Tenant, known.Value);
            if (Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity)
            {
                writer.WriteString(CallNames.TraceParent, activity.Id);
                if (activity.TraceStateString is { } state)
                    writer.WriteString(CallNames.TraceState, state);
            }
            if (requestUser is not null)
                writer.WriteBase64String(CallNames.RequestUser, UserFormat.Write(requestUser));
            if (options is not null)
                SendOptionsFormat.Write(writer, options);
            writer.WritePropertyName(CallNames.Body);
            JsonSerializer.Serialize(writer, command, target.Command);
            writer.WriteEndObject();
        }
        return buffer.WrittenMemory.ToArray();
    }

    /// <summary>
    /// Returns the builds of the assemblies with the command and the answer. While nodes are upgraded, another build
    /// may have other members, and would answer what the sender cannot read after the commit.
    /// </summary>
    public static string BuildOf(CommandDefinition definition) => Builds.GetValue(definition, static definition =>
    {
        var (command, answer) = (definition.CommandType.Module, definition.ResultType.Module);
        return $"{command.ModuleVersionId:N}{answer.ModuleVersionId:N}";
    });
}
