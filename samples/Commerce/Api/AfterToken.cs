namespace Commerce.Api;

/// <summary>
/// Read your own writes: the answer to every command carries a token in the header <c>Millrace-Token</c>; a query that hands it back, in
/// the same
/// header or as <c>?after=</c>, waits until the read model reflects it.
/// </summary>
public readonly record struct AfterToken(ReadAfter After)
{
    public const string Header = "Millrace-Token";

    public static implicit operator ReadAfter(AfterToken token) => token.After;

    public static ValueTask<AfterToken> BindAsync(HttpContext context)
    {
        var text = context.Request.Headers[Header].FirstOrDefault() ?? context.Request.Query["after"].FirstOrDefault();
        return string.IsNullOrEmpty(text) ? new(default(AfterToken)) : new(new AfterToken(new ReadAfter(ConsistencyToken.Parse(text))));
    }
}

/// <summary>Hands the token out.</summary>
public static class TokenAnswers
{
    public static void Answer(this HttpContext http, ConsistencyToken token)
    {
        if (!token.IsNone)
            http.Response.Headers[AfterToken.Header] = token.ToString();
    }
}
