namespace Millrace;

/// <summary>The kinds of reports for auditors.</summary>
public enum ReportKind
{
    /// <summary>
    /// The processing of personal data: the records of processing activities, the places of personal data, requests of
    /// data subjects with their deadlines, legal holds, exports and changes of rights.
    /// </summary>
    Gdpr,

    /// <summary>
    /// The control of financial data: every change of financial streams, removals, changes of rights, the segregation
    /// of duties, denied requests and the seals of the log.
    /// </summary>
    Sox,

    /// <summary>
    /// The retention of data: the policies in force and their runs, with what was removed, archived, erased and kept.
    /// </summary>
    Retention,
}
