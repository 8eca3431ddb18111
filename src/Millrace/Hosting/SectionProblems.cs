using Microsoft.Extensions.Options;

namespace Millrace.Hosting;

/// <summary>Reports the problems of options with the configuration section that contains them.</summary>
internal static class SectionProblems
{
    /// <summary>Returns a result with all problems, or success if there are none.</summary>
    public static ValidateOptionsResult In(string section, IEnumerable<string> problems)
    {
        var result = new ValidateOptionsResultBuilder();
        foreach (var problem in problems)
            result.AddError($"{section}:{problem}");
        return result.Build();
    }
}
