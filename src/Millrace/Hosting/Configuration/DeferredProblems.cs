using Microsoft.Extensions.Options;

namespace Millrace.Hosting.Configuration;

/// <summary>Reports the problems of reading options together with those of their values.</summary>
internal sealed class DeferredProblems<T>(MillraceConfiguration configuration) : IValidateOptions<T>
    where T : class
{
    public ValidateOptionsResult Validate(string? name, T options) =>
        configuration.TakeDeferred(typeof(T)) is { Count: > 0 } problems
            ? ValidateOptionsResult.Fail(problems)
            : ValidateOptionsResult.Success;
}
