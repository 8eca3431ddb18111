using Microsoft.AspNetCore.Http;

namespace Millrace.AspNetCore;

/// <summary>Options for a command endpoint.</summary>
/// <typeparam name="TCommand">The command.</typeparam>
public sealed class CommandEndpointOptions<TCommand>
{
    /// <summary>The HTTP method; POST by default.</summary>
    public string Method { get; set; } = HttpMethods.Post;

    /// <summary>
    /// Returns the address of what the command created, from the command and its answer. The status is then 201, and
    /// the address is in the header <c>Location</c>. The default is null: the status is 200, or 204 without an answer.
    /// </summary>
    public Func<TCommand, object?, string>? Location { get; set; }

    /// <summary>
    /// Completes a command with data that only the server has, such as the user. By default the command is not changed.
    /// </summary>
    public Func<TCommand, HttpContext, TCommand>? Complete { get; set; }
}
