namespace Millrace.TestSupport;

/// <summary>
/// Tells how much of the tests runs. A test with the trait <see cref="Kind"/> of <see cref="Long"/> repeats, with
/// another broker or on all data, what a shorter test proves; <c>./test --long</c> runs it.
/// </summary>
internal static class TestRun
{
    /// <summary>The name of the trait; <c>./test</c> filters by it.</summary>
    public const string Kind = "Run";

    /// <summary>The trait's value of tests that only <c>./test --long</c> runs.</summary>
    public const string Long = "Long";

    /// <summary>The trait's value of tests that <c>./test --quick</c> leaves out.</summary>
    public const string Whole = "Whole";

    /// <summary>Gets whether this is a run of <c>./test --long</c>.</summary>
    public static bool IsLong { get; } = Environment.GetEnvironmentVariable("MILLRACE_LONG") == "1";
}
