namespace Millrace.AspNetCore;

/// <summary>The names of the headers that Millrace reads and writes.</summary>
public static class MillraceHeaders
{
    /// <summary>
    /// On the answer to a command: the token of what it did. On a query: what its answer is to reflect; <c>?after=</c>
    /// says the same.
    /// </summary>
    public const string Token = "Millrace-Token";

    /// <summary>On the answer to a query: <c>fresh</c>, or <c>stale; by=12</c> when it does not yet reflect the
    /// token.</summary>
    public const string Fresh = "Millrace-Fresh";

    /// <summary>On a page of a read model: the cursor of the next page; absent on the last.</summary>
    public const string Next = "Millrace-Next";

    /// <summary>On the answer to a command: the version of the first stream it wrote to.</summary>
    public const string Version = "Millrace-Version";

    /// <summary>On a command: the same for every try of it, so that it is done once.</summary>
    public const string IdempotencyKey = "Idempotency-Key";

    /// <summary>On the answer to a command: <c>true</c> when it was done before and this is the first answer
    /// again.</summary>
    public const string Repeated = "Millrace-Repeated";
}
