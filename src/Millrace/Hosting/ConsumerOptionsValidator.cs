using Microsoft.Extensions.Options;

namespace Millrace.Hosting;

/// <summary>Validates the consumer options, and reports all problems.</summary>
internal sealed class ConsumerOptionsValidator : IValidateOptions<ConsumerOptions>
{
    public ValidateOptionsResult Validate(string? name, ConsumerOptions options) =>
        SectionProblems.In(ConsumerSettings.Section, options.Problems());
}
