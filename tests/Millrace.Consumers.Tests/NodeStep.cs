namespace Millrace.Tests;

/// <summary>What happens next to nodes that work on one store.</summary>
public enum NodeStep
{
    Append,
    Come,
    Go,
    CutOff,
    ComeBack,
    LetWork,
}
