using Microsoft.Extensions.Options;

namespace Millrace;

/// <summary>Checks the options of consumers, and reports everything that is wrong.</summary>
internal sealed class ConsumerOptionsValidator : IValidateOptions<ConsumerOptions>
{
    public ValidateOptionsResult Validate(string? name, ConsumerOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        foreach (var problem in options.Problems())
            result.AddError(problem);
        return result.Build();
    }
}
