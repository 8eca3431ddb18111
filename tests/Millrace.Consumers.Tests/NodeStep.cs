namespace Millrace.Tests;

/// <summary>The next step of a schedule of nodes on one store.</summary>
public enum NodeStep
{
    Append,
    Come,
    Go,
    CutOff,
    ComeBack,
    LetWork,
}
