namespace Millrace.Cli.Design;

/// <summary>An error in a description.</summary>
/// <param name="Line">The line, from 1.</param>
/// <param name="Message">The error.</param>
/// <param name="Remedy">The instruction that corrects the error.</param>
internal sealed record DesignProblem(int Line, string Message, string Remedy)
{
    public override string ToString() => $"line {Line}: {Message} {Remedy}";
}
