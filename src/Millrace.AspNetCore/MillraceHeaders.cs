namespace Millrace.AspNetCore;

/// <summary>The names of the headers that Millrace reads and writes.</summary>
public static class MillraceHeaders
{
    /// <summary>
    /// In the response to a command: its consistency token. In a query: the token that the answer must reflect, as in
    /// <c>?after=</c>.
    /// </summary>
    public const string Token = "Millrace-Token";

    /// <summary>
    /// In the response to a query: <c>fresh</c>, or <c>stale; by=12</c> if it does not reflect the token yet.
    /// </summary>
    public const string Fresh = "Millrace-Fresh";

    /// <summary>
    /// In the response with a page of a read model: the cursor of the next page; absent on the last page.
    /// </summary>
    public const string Next = "Millrace-Next";

    /// <summary>In the response to a command: the version of the first stream that it wrote to.</summary>
    public const string Version = "Millrace-Version";

    /// <summary>In a command: a key that is the same in each attempt, so that the command takes effect once.</summary>
    public const string IdempotencyKey = "Idempotency-Key";

    /// <summary>
    /// In the response to a command: <c>true</c> if the command was handled before and this is its first answer.
    /// </summary>
    public const string Repeated = "Millrace-Repeated";
}
