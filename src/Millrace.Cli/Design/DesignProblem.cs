namespace Millrace.Cli.Design;

/// <summary>An error in a description.</summary>
/// <param name="Line">The line, from 1.</param>
/// <param name="What">The error.</param>
/// <param name="Do">The instruction that corrects the error.</param>
internal sealed record DesignProblem(int Line, string What, string Do)
{
    public override string ToString() => $"line {Line}: {What} {Do}";
}
