namespace Commerce.SharedKernel;

/// <summary>The maximum lengths of texts, which are stored permanently and shown to people.</summary>
public static class TextLimits
{
    /// <summary>A name, a code, a part of an address: 200 characters.</summary>
    public const int Name = 200;

    /// <summary>A reason or a remark: 1,000 characters.</summary>
    public const int Remark = 1_000;

    /// <summary>A description: 10,000 characters.</summary>
    public const int Description = 10_000;

    /// <summary>Reports a member that is too long.</summary>
    public static void RequireShort(this ValidationProblems problems, string? text, int max, string member) =>
        problems.Require(text is null || text.Length <= max, member, $"It has at most {max:N0} characters.");
}
