namespace Millrace.AspNetCore;

/// <summary>The names of the headers that Millrace reads and writes.</summary>
public static class MillraceHeaders
{
    /// <summary>
    /// The response to a command contains its consistency token. A query contains the token that the answer must
    /// reflect; <c>?after=</c> has the same meaning.
    /// </summary>
    public const string Token = "Millrace-Token";

    /// <summary>
    /// The response to a query contains <c>fresh</c>, or <c>stale; by=12</c> if the answer does not reflect the token
    /// yet.
    /// </summary>
    public const string Fresh = "Millrace-Fresh";

    /// <summary>
    /// The response to a query contains the level of the cache that the answer came from, and the token of the
    /// position that it reflects, such as <c>process; reflects=AQAA</c>. The header is absent if the handler computed
    /// the answer.
    /// </summary>
    public const string Cache = "Millrace-Cache";

    /// <summary>
    /// The response with a page of a read model contains the cursor of the next page. The header is absent on the last
    /// page.
    /// </summary>
    public const string Next = "Millrace-Next";

    /// <summary>The response to a command contains the version of the first stream that it wrote to.</summary>
    public const string Version = "Millrace-Version";

    /// <summary>
    /// A command contains a key that is the same in each attempt, so that the command takes effect only once.
    /// </summary>
    public const string IdempotencyKey = "Idempotency-Key";

    /// <summary>
    /// The response to a command contains <c>true</c> if the command was handled before. The response then repeats the
    /// first answer.
    /// </summary>
    public const string Repeated = "Millrace-Repeated";

    /// <summary>
    /// The response of an operator route contains <c>personal-data</c> if values of marked members are hidden, because
    /// the user does not have the permission <c>operate personal-data</c>.
    /// </summary>
    public const string Concealed = "Millrace-Concealed";
}
