using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Millrace.AspNetCore;

/// <summary>
/// What the answer to a request is to reflect, and how long it may wait for that: bind it as a parameter of an endpoint
/// of your own.
/// </summary>
/// <remarks>
/// The token is in the header <c>Millrace-Token</c>, else in <c>?after=</c>; the wait in <c>?wait=00:00:02</c>, 30
/// seconds at the most. Texts that are neither are refused by whatever reads with them, so that
/// <see cref="ReadModelResults"/> answer with 400.
/// </remarks>
/// <param name="Token">The token; the default value, which asks for nothing, when there is none. Reading it throws
/// <see cref="BadHttpRequestException"/> when the request has a text that is no token.</param>
public readonly record struct RequestToken(ConsistencyToken Token)
{
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(30);
    private readonly BadHttpRequestException? _problem;

    private RequestToken(BadHttpRequestException problem)
        : this(default(ConsistencyToken)) => _problem = problem;

    /// <summary>Its token.</summary>
    /// <exception cref="BadHttpRequestException">The request has a text that is no token, or no time to
    /// wait.</exception>
    public ConsistencyToken Token
    {
        get => _problem is null ? field : throw _problem;
        init;
    }
    = Token;

    /// <summary>How long the caller will wait; null when the request does not say.</summary>
    public TimeSpan? Wait { get; init; }

    /// <summary>Its token, for reads.</summary>
    public static implicit operator ConsistencyToken(RequestToken request) => request.Token;

    /// <summary>Token and wait, for read models.</summary>
    public static implicit operator ReadAfter(RequestToken request) =>
        request._problem is { } problem ? new(default) { Problem = problem } : new(request.Token, request.Wait);

    /// <summary>The token of a request.</summary>
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
                "The text is not a consistency token: hand back what a command's answer gave.");
    }

    /// <summary>Binds it; called by ASP.NET Core.</summary>
    public static ValueTask<RequestToken> BindAsync(HttpContext context)
    {
        try
        {
            return new(new RequestToken(Of(context)) { Wait = WaitOf(context) });
        }
        catch (BadHttpRequestException exception)
        {
            return new(new RequestToken(exception)); // Thrown here it would end in an empty answer.
        }
    }

    /// <summary>How long the caller of a request will wait; null when it does not say.</summary>
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
