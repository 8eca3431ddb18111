namespace Millrace.Cli.Design;

/// <summary>Something in a description that cannot be.</summary>
/// <param name="Line">The line, from 1.</param>
/// <param name="What">What is wrong.</param>
/// <param name="Do">What to do about it.</param>
internal sealed record DesignProblem(int Line, string What, string Do)
{
    public override string ToString() => $"line {Line}: {What} {Do}";
}
