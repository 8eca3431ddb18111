using Microsoft.Extensions.Options;
using Millrace.Messaging;

namespace Millrace.Hosting;

/// <summary>Validates the options of transports, and reports all problems.</summary>
internal sealed class TransportOptionsValidator : IValidateOptions<TransportOptions>
{
    public ValidateOptionsResult Validate(string? name, TransportOptions options) =>
        SectionProblems.In($"{TransportSettings.Section}:{name}", options.Problems());
}
