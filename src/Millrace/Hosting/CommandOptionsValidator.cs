using Microsoft.Extensions.Options;

namespace Millrace.Hosting;

/// <summary>Validates the command options, and reports all problems.</summary>
internal sealed class CommandOptionsValidator : IValidateOptions<CommandOptions>
{
    public ValidateOptionsResult Validate(string? name, CommandOptions options) =>
        SectionProblems.In(CommandSettings.Section, options.Problems());
}
