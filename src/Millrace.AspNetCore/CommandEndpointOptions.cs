using Microsoft.AspNetCore.Http;

namespace Millrace.AspNetCore;

/// <summary>How a command is told over HTTP.</summary>
/// <typeparam name="TCommand">The command.</typeparam>
public sealed class CommandEndpointOptions<TCommand>
{
    /// <summary>The HTTP method; POST by default.</summary>
    public string Method { get; set; } = HttpMethods.Post;

    /// <summary>
    /// Where what the command made can be found, from the command and its answer; then the status is 201 and the
    /// address is in the header <c>Location</c>. Null by default: 200, or 204 when there is nothing to answer.
    /// </summary>
    public Func<TCommand, object?, string>? Location { get; set; }

    /// <summary>Completes a command by what only the server knows, such as the user; the command as it was read by
    /// default.</summary>
    public Func<TCommand, HttpContext, TCommand>? Complete { get; set; }
}
