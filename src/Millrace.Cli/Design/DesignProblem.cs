namespace Millrace.Cli.Design;

/// <summary>An error in a description.</summary>
/// <param name="Line">The line, from 1.</param>
/// <param name="What">The error.</param>
/// <param name="Do">How to correct it.</param>
internal sealed record DesignProblem(int Line, string What, string Do)
{
    public override string ToString() => $"line {Line}: {What} {Do}";
}
