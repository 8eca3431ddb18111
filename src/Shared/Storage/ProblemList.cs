namespace Millrace.Shared.Storage;

/// <summary>Collects the first hundred problems of a check.</summary>
internal sealed class ProblemList
{
    private const int MaxProblems = 100;

    private readonly List<string> _problems = [];

    public IReadOnlyList<string> Problems => _problems;

    public void Add(string problem)
    {
        if (_problems.Count < MaxProblems)
            _problems.Add(problem);
    }
}
