using Microsoft.AspNetCore.Http;

namespace Millrace.AspNetCore;

/// <summary>Options for a command endpoint.</summary>
/// <typeparam name="TCommand">The command.</typeparam>
public sealed class CommandEndpointOptions<TCommand>
{
    /// <summary>Gets or sets the HTTP method; POST by default.</summary>
    public string Method { get; set; } = HttpMethods.Post;

    /// <summary>
    /// Gets or sets a function that returns the URL of the resource that the command created, from the command and its
    /// answer. The response then has status 201 and the URL in the header <c>Location</c>. The default is null: the
    /// status is 200, or 204 without an answer.
    /// </summary>
    public Func<TCommand, object?, string>? Location { get; set; }

    /// <summary>
    /// Gets or sets a function that adds data that only the server has, such as the user, to a command. By default the
    /// command is not changed.
    /// </summary>
    public Func<TCommand, HttpContext, TCommand>? Complete { get; set; }
}
