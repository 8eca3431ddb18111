using Microsoft.Extensions.Options;

namespace Millrace;

/// <summary>Thrown when the host starts and the configuration has errors. It contains all of them.</summary>
public sealed class MillraceConfigurationException : OptionsValidationException
{
    internal MillraceConfigurationException(
        IReadOnlyList<ConfigurationProblem> problems, IEnumerable<string> failures, Type options)
        : base(Options.DefaultName, options, failures) => Problems = problems;

    /// <summary>Gets the errors, in the order of their sections.</summary>
    public IReadOnlyList<ConfigurationProblem> Problems { get; }

    /// <inheritdoc/>
    public override string Message
    {
        get
        {
            var count = Problems.Count == 1 ? "an error" : $"{Problems.Count} errors";
            var lines = Problems.Select(static problem =>
                $"- {problem.Text} (Source: {problem.Source}.)");
            return $"The configuration has {count}:{Environment.NewLine}{string.Join(Environment.NewLine, lines)}";
        }
    }
}
