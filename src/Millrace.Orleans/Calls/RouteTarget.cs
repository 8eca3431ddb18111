using System.Text.Json.Serialization.Metadata;

namespace Millrace.Orleans.Calls;

/// <summary>
/// The stream of a command that can be routed, and what is needed to write the command and to read the answer.
/// </summary>
/// <param name="Definition">The definition of the command.</param>
/// <param name="Stream">The stream.</param>
/// <param name="Tenant">The tenant; null in an application without tenants.</param>
/// <param name="Command">The JSON metadata of the command.</param>
/// <param name="Answer">The JSON metadata of the answer's value; null for <see cref="Nothing"/>.</param>
internal readonly record struct RouteTarget(
    CommandDefinition Definition, StreamId Stream, TenantId? Tenant, JsonTypeInfo Command, JsonTypeInfo? Answer)
{
    /// <summary>Gets the key of the activation.</summary>
    public string Key => Tenant is { } tenant ? $"{tenant.Value}/{Stream.Value}" : Stream.Value;
}
