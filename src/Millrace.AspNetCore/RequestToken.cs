using Microsoft.AspNetCore.Http;

namespace Millrace.AspNetCore;

/// <summary>What the answer to a request is to reflect: bind it as a parameter of an endpoint of your own.</summary>
/// <param name="Token">The token in the header <c>Millrace-Token</c>, else in <c>?after=</c>; the default value, which asks for nothing,
/// when neither is there.</param>
public readonly record struct RequestToken(ConsistencyToken Token)
{
    /// <summary>Its token, for reads.</summary>
    public static implicit operator ConsistencyToken(RequestToken request) => request.Token;

    /// <summary>Its token, for read models.</summary>
    public static implicit operator ReadAfter(RequestToken request) => new(request.Token);

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
            : throw new BadHttpRequestException("The text is not a consistency token: hand back what a command's answer gave.");
    }

    /// <summary>Binds it; called by ASP.NET Core.</summary>
    public static ValueTask<RequestToken> BindAsync(HttpContext context) => new(new RequestToken(Of(context)));
}
