"""SMS aftercare for clinics that give ketamine infusions."""
