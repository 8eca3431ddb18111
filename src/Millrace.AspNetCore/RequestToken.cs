using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Millrace.AspNetCore;

/// <summary>
/// The token that the answer to a request must reflect, and the maximum time to wait for it. Bind it as a parameter of
/// your own endpoints.
/// </summary>
/// <remarks>
/// A client sends the token in the header <c>Millrace-Token</c> or in <c>?after=</c>, and the maximum time to wait in
/// <c>?wait=00:00:02</c>, at most 30 seconds. If a text is invalid, the properties throw an exception when they are
/// read. <see cref="ReadModelResults"/> then respond with 400.
/// </remarks>
/// <param name="Token">The token. If the request has none, the default value, with which reads do not wait. Reading the
/// property throws <see cref="BadHttpRequestException"/> if the text in the request is not a token.</param>
public readonly record struct RequestToken(ConsistencyToken Token)
{
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(30);
    private readonly BadHttpRequestException? _problem;

    private RequestToken(BadHttpRequestException problem)
        : this(default(ConsistencyToken)) => _problem = problem;

    /// <summary>Gets the token.</summary>
    /// <exception cref="BadHttpRequestException">The request has an invalid token or wait.</exception>
    public ConsistencyToken Token
    {
        get => _problem is null ? field : throw _problem;
        init;
    }
    = Token;

    /// <summary>Gets the maximum time to wait, or null if the request specifies none.</summary>
    public TimeSpan? Wait { get; init; }

    /// <summary>Returns the token, for reads.</summary>
    public static implicit operator ConsistencyToken(RequestToken request) => request.Token;

    /// <summary>Returns the token and the wait, for read models.</summary>
    public static implicit operator ReadAfter(RequestToken request) =>
        request._problem is { } problem ? new(default) { Problem = problem } : new(request.Token, request.Wait);

    /// <summary>Returns the token of a request.</summary>
    /// <exception cref="BadHttpRequestException">The text is not a token.</exception>
    public static ConsistencyToken Of(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var text = context.Request.Headers[MillraceHeaders.Token].ToString();
        if (text.Length == 0)
            text = context.Request.Query["after"].ToString();
        if (text.Length == 0)
            return default;
        return ConsistencyToken.TryParse(text, null, out var token)
            ? token
            : throw new BadHttpRequestException(
                "The text is not a consistency token: pass the token of a command's response.");
    }

    /// <summary>Binds the value from a request. ASP.NET Core calls this method.</summary>
    public static ValueTask<RequestToken> BindAsync(HttpContext context)
    {
        try
        {
            return new(new RequestToken(Of(context)) { Wait = WaitOf(context) });
        }
        catch (BadHttpRequestException exception)
        {
            return new(new RequestToken(exception)); // An exception here would result in an empty response.
        }
    }

    /// <summary>Returns the maximum time to wait, or null if the request specifies none.</summary>
    internal static TimeSpan? WaitOf(HttpContext context)
    {
        var text = context.Request.Query["wait"].ToString();
        if (text.Length == 0)
            return null;
        if (!TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var wait) || wait < TimeSpan.Zero)
            throw new BadHttpRequestException("wait must be a duration such as 00:00:02.");
        return wait < MaxWait ? wait : MaxWait;
    }
}
