using System.Security.Claims;

namespace Millrace.Orleans.Calls;

/// <summary>A command that another node routed to this node.</summary>
internal sealed record ReceivedCommand(CommandDefinition Definition, object Command, SendOptions Options)
{
    /// <summary>Gets the identity of the sender's store.</summary>
    public required string Store { get; init; }

    /// <summary>Gets the user of the request in which the command was sent; null for the system.</summary>
    public ClaimsPrincipal? RequestUser { get; init; }

    /// <summary>Gets the tenant; null in an application without tenants.</summary>
    public TenantId? Tenant { get; init; }

    /// <summary>Gets the W3C trace context of the sender; null without one.</summary>
    public string? TraceParent { get; init; }

    public string? TraceState { get; init; }
}
